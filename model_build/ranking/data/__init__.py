"""Lists of candidates to learn ranking weights from and to measure them on.

lists: the list type. requests: a request's candidates as a list, by the service's own code. public_lists: all lists of
public data, from search_domains (searches), behaviour_set, steps, activity and behaviour_requests (users' next steps),
history_requests (searches with a history) and title_queries (queries from titles). search_requests: evaluation queries.
demo_questions: judged questions to the demo catalogue. log: a service's ranking log.
"""
