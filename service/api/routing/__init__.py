"""From a request to its endpoint: `json_route` wraps endpoints in JSON, `direct_routes` finds those without the router."""
