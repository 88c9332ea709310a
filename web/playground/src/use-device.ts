/** The ranker on this device: started when it is first wanted, kept while the page is open. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { CatalogueItem } from "./api.ts";
import { type Device, forgetModels, startDevice } from "./device/device.ts";
import type { Model, Occasion, Progress } from "./device/protocol.ts";
import { watchRequests } from "./transfers.ts";

export type DeviceState =
  | { readonly state: "off" }
  | { readonly state: "loading"; readonly progress: Progress }
  | {
      readonly state: "ready";
      readonly device: Device;
      readonly model: Model;
      /** Whether an order about the model is being carried out. */
      readonly busy: boolean;
      /** Of the runtime, as they came. */
      readonly runtimeBytes: number;
      /** Requests of page and worker since everything was loaded. */
      readonly requests: number;
    }
  | { readonly state: "failed"; readonly message: string };

const FIRST: DeviceState = { state: "loading", progress: { stage: "model", done: 0 } };

export interface DeviceControl {
  readonly status: DeviceState;
  /** Starts it, unless it is started; after a failure, anew. */
  start(items: readonly CatalogueItem[], key: string): void;
  /** Requests are counted from now on. */
  countAnew(): void;
  /** Looks for another model, unless it is busy, or not there. */
  update(key: string, occasion: Occasion): void;
  goBack(): void;
  /**
   * Forgets the models that are kept, unless it is busy; the one that ranks goes with the page.
   *
   * @throws {Error} They could not be forgotten.
   */
  forget(): Promise<void>;
}

export function useDevice(): DeviceControl {
  const [status, setStatus] = useState<DeviceState>({ state: "off" });
  const device = useRef<Device | undefined>(undefined);
  const countedFrom = useRef(Number.POSITIVE_INFINITY);

  const requested = useCallback(() => {
    setStatus((now) => (now.state === "ready" ? { ...now, requests: now.requests + 1 } : now));
  }, []);

  useEffect(() => watchRequests(({ startTime }) => startTime > countedFrom.current && requested()), [requested]);
  useEffect(() => () => device.current?.release(), []);

  const start = useCallback(
    (items: readonly CatalogueItem[], key: string) => {
      if (device.current) return;
      setStatus(FIRST);
      const started = startDevice(items, key, {
        progress: (progress) => setStatus({ state: "loading", progress }),
        ready(model, runtimeBytes) {
          countedFrom.current = performance.now();
          setStatus({ state: "ready", device: started, model, busy: false, runtimeBytes, requests: 0 });
        },
        changed: (model) => setStatus((now) => (now.state === "ready" ? { ...now, model, busy: false } : now)),
        failed(message) {
          started.release();
          device.current = undefined;
          setStatus({ state: "failed", message });
        },
        requested,
      });
      device.current = started;
    },
    [requested],
  );

  const countAnew = useCallback(() => {
    countedFrom.current = performance.now();
    setStatus((now) => (now.state === "ready" ? { ...now, requests: 0 } : now));
  }, []);

  const order = useCallback(
    (give: (device: Device) => void) => {
      if (status.state !== "ready" || status.busy) return;
      setStatus((now) => (now.state === "ready" ? { ...now, busy: true } : now));
      give(status.device);
    },
    [status],
  );

  return {
    status,
    start,
    countAnew,
    update: (key, occasion) => order((device) => device.update(key, occasion)),
    goBack: () => order((device) => device.goBack()),
    forget: async () => (device.current ? order((device) => device.forget()) : forgetModels()),
  };
}
