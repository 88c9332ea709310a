"""The report of a load run: `python -m loadtests.report RUN_FOLDER`.

page: all numbers. stretch: phases and windows of a run. observed: names of observations. plots, plot: what is plotted.
drawing, svg: SVG. templating, templates/: HTML and Markdown. write: the files.
"""
