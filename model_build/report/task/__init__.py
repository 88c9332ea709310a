"""The report of a task model.

contents: what it holds. breakdown: decisions by class, confusion and probability, and grades. write: stores it and
writes its pages. plots: its SVG plots.
"""
