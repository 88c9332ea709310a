"""The report of a build, and the artifact's model card.

contents: what a report holds. write: stores it and writes its pages. family: a page that compares several models.
page: a page as Markdown and as HTML. plots: its SVG plots. canvas: what they are drawn on. task: the report of a task
model. model_card: the card. renewal: the card of a published one.
"""
