/** The page: what is asked above, the order below it, and beside it what is known of the answer. */

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CatalogueItem } from "./api.ts";
import { Announcer } from "./components/announcer.tsx";
import { ApiKey } from "./components/api-key.tsx";
import { Header } from "./components/header.tsx";
import { History } from "./components/history.tsx";
import { Kept } from "./components/kept.tsx";
import { Loading } from "./components/loading.tsx";
import { Model } from "./components/model.tsx";
import { Notice } from "./components/notice.tsx";
import { PlaceSwitch } from "./components/place-switch.tsx";
import { Readout } from "./components/readout.tsx";
import { Results } from "./components/results.tsx";
import { Search } from "./components/search.tsx";
import { Stages } from "./components/stages.tsx";
import { Traffic } from "./components/traffic.tsx";
import { counted } from "./format.ts";
import { type Deed, type Happened, withEvent, withoutItem } from "./history.ts";
import { rankRequest } from "./request.ts";
import { ServerError } from "./server.ts";
import { troubleOf } from "./trouble.ts";
import { useCatalogue } from "./use-catalogue.ts";
import { useDevice } from "./use-device.ts";
import { useKept } from "./use-kept.ts";
import { type Place, type Rank, useRanking } from "./use-ranking.ts";
import { useServer } from "./use-server.ts";

const SHOWN = 10;
const NO_ITEMS: readonly CatalogueItem[] = [];

export function App() {
  const [key, setKey] = useState("");
  const [attempt, setAttempt] = useState(0);
  const [chosen, setChosen] = useState<Place | undefined>(undefined);
  const [query, setQuery] = useState("");
  const [history, setHistory] = useState<readonly Happened[]>([]);
  const [shown, setShown] = useState(SHOWN);
  const search = useRef<HTMLInputElement>(null);

  const catalogue = useCatalogue(key, attempt);
  const items = catalogue.state === "ready" ? catalogue.items : NO_ITEMS;
  const { rank: onServer, sent } = useServer(key);
  const { status, start, countAnew, update, goBack, forget: forgetModel } = useDevice();
  const alone = catalogue.state === "ready" && catalogue.alone;
  const { keeping, remove } = useKept(items.length && !alone ? items : undefined, status.state === "ready");
  const place = chosen ?? (alone ? "device" : "server");
  const device = status.state === "ready" ? status.device : undefined;
  const model = status.state === "ready" ? status.model : undefined;
  const onDevice = useMemo<Rank | undefined>(
    () => device && ((request) => device.rank(request)),
    [device, model?.revision], // another model is asked anew
  );
  const rank = place === "server" ? onServer : onDevice;
  const request = useMemo(
    () => (items.length ? rankRequest(query, history, items, shown, Date.now()) : undefined),
    [query, history, items, shown, attempt],
  );
  const { answer, failure } = useRanking(place, rank, request);

  const trouble = troubleOf(catalogue, place, status, failure);
  const locked = catalogue.state === "locked" || (failure instanceof ServerError && failure.needsKey);
  useEffect(() => {
    if (place === "device" && items.length) start(items, key);
  }, [place, items, key, start]);

  useEffect(() => {
    if (alone) setChosen((now) => now ?? "device"); // nothing is sent, should the service be there again
  }, [alone]);

  const ask = useCallback((words: string) => {
    setQuery(words);
    setShown(SHOWN);
  }, []);
  const move = useCallback(
    (to: Place) => {
      setChosen(to);
      if (to !== "device") return;
      countAnew();
      update(key, "switch");
    },
    [countAnew, update, key],
  );
  const happen = useCallback((item: string, action: Deed) => {
    setHistory((now) => withEvent(now, { item, action, at: Date.now() }));
  }, []);
  const forget = useCallback((item: string) => setHistory((now) => withoutItem(now, item)), []);
  const again = useCallback(() => {
    setAttempt((number) => number + 1);
    if (place === "device" && items.length) start(items, key);
  }, [place, items, key, start]);

  return (
    <>
      <a class="skip-link" href="#results">
        Skip to the results
      </a>
      <Header />
      <main>
        <section class="ask" aria-label="Query">
          <h1>Ranked as you type</h1>
          <p class="lede">{lede(items.length)}</p>
          <Search query={query} onQuery={ask} input={search} items={items} />
          <div class="ask-foot">
            <PlaceSwitch place={place} onPlace={move} />
            <Readout answer={answer} count={items.length} />
          </div>
          {locked && <ApiKey refused={key !== ""} onKey={setKey} />}
          {place === "device" && status.state === "loading" && <Loading progress={status.progress} />}
          {trouble && !locked && <Notice onAgain={again}>{trouble}</Notice>}
        </section>
        <Results
          answer={answer}
          items={items}
          history={history}
          stale={rank === undefined || failure !== undefined}
          onDeed={happen}
          onMore={() => setShown((now) => now + SHOWN)}
          onLeave={() => search.current?.focus()}
        />
        <aside class="rail" aria-label="About this answer">
          <History history={history} items={items} onForget={forget} onClear={() => setHistory([])} />
          <Stages answer={answer} />
          {place === "device" && status.state === "ready" && (
            <Model
              model={status.model}
              busy={status.busy}
              onLook={() => update(key, "asked")}
              onAgain={() => update(key, "again")}
              onBack={goBack}
            />
          )}
          {(keeping !== "none" || model) && (
            <Kept
              keeping={keeping}
              model={model?.keeping === "kept"}
              alone={alone}
              busy={keeping === "working" || status.state === "loading" || (status.state === "ready" && status.busy)}
              onRemove={() => void remove(forgetModel)}
            />
          )}
          <Traffic place={place} status={status} sent={sent} />
        </aside>
      </main>
      <footer class="bottom">
        <a href="/playground/licences.txt">Licences</a>
      </footer>
      <Announcer answer={answer} items={items} />
    </>
  );
}

function lede(count: number): string {
  const items = count ? `${counted(count, "item")} of the catalogue` : "The items of the catalogue";
  return `${items}, put in order by a model small enough for a phone. Click what fits, skip what does not: the order follows.`;
}
