"""Task heads: classifiers of texts or pairs on an artifact's vectors, a few kilobytes each.

data: labelled examples. features: their vectors. logistic: regression, its regularisation and temperature.
fit: `model-build fit-head`, from examples to a measured head. metrics: accuracy, F1, calibration. table: the same on a
terminal. publish: rounding, the head's folder and its card. pairs: the teacher's own classifiers, on the device.
"""
