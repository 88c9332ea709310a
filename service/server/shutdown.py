"""The phases of a shutdown, in seconds."""

FINISH_S = 10  # time limit for requests in progress
LINGER_S = 1.0  # time for which an idle connection is kept open for a last request
