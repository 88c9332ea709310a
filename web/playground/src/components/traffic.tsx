import { useMemo } from "preact/hooks";
import { bytes, counted } from "../format.ts";
import { pageBytes } from "../transfers.ts";
import type { DeviceState } from "../use-device.ts";
import type { Place } from "../use-ranking.ts";
import type { Sent } from "../use-server.ts";

interface Props {
  place: Place;
  status: DeviceState;
  sent: Sent;
}

/** What came over the network, and what left. */
export function Traffic({ place, status, sent }: Props) {
  const page = useMemo(pageBytes, [status.state]);
  const ready = status.state === "ready" ? status : undefined;
  return (
    <section class="card" aria-labelledby="traffic-name">
      <div class="card-head">
        <h2 id="traffic-name">Network</h2>
      </div>
      <dl class="figures">
        <div>
          <dt>This page</dt>
          <dd>{bytes(page)}</dd>
        </div>
        {ready && (
          <>
            <div>
              <dt>Model</dt>
              <dd>{bytes(ready.model.loadedBytes)}</dd>
            </div>
            <div>
              <dt>WebAssembly runtime</dt>
              <dd>{bytes(ready.runtimeBytes)}</dd>
            </div>
          </>
        )}
        <div class="figures-sum">
          <dt>{place === "device" ? "Requests since you switched" : "Sent to the server"}</dt>
          <dd>
            {place === "device" ? requestsOf(status) : `${counted(sent.requests, "request")}, ${bytes(sent.bytes)}`}
          </dd>
        </div>
      </dl>
      <p class="hint">
        {place === "device"
          ? "What you type and click stays on this device."
          : "The server reads what you type and click, and stores none of it."}
      </p>
    </section>
  );
}

function requestsOf(status: DeviceState): string {
  return status.state === "ready" ? String(status.requests) : "loading";
}
