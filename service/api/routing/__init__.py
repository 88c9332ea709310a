"""From a request to its endpoint: `json_route` reads and writes JSON, `direct_routes` bypasses the router."""
