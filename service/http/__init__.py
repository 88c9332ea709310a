"""HTTP/1.1 with limits on what a client can hold, and for how long.

`protocol` is the state machine of one connection, `transports` what it wraps around uvicorn's, `refusals` its own
answers. `connections` counts and evicts connections within their `bounds` (and the process's file `descriptors`),
`start_queue` paces new requests, `uploads` limits the bodies in memory, `inflation` decompresses them. `request_state`
is what all layers above share about one request.
"""
