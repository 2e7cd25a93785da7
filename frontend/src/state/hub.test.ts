// Datasets of the hub: names, a first choice of columns, and a download from the look to its end, whichever that is.
import { expect, test } from "vitest";
import { Refused } from "../api/errors.ts";
import type { HubApi } from "../api/hub.ts";
import type { HubColumn, HubFetch, HubFetched, HubLook } from "../api/types.ts";
import { HUB } from "../words/hub.ts";
import { isName, learnable, suits, tidied, usualChoice } from "./choice.ts";
import { Hub } from "./hub.svelte.ts";
import { Notices } from "./notices.svelte.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function column(name: string, kind: HubColumn["kind"], more: Partial<HubColumn> = {}): HubColumn {
  return { name, kind, type: kind === "text" || kind === "category" ? "string" : "double", classes: null, reason: null, missing: 0, ...more };
}

const classes = (name: string, count: number): HubColumn => column(name, "category", { classes: Array.from({ length: count }, (_, index) => `c${index}`) });
const WIDTH = column("width", "number");
const SPLITS = [
  { name: "test", rows: 20, bytes: 300, fetched: false },
  { name: "train", rows: 80, bytes: 900, fetched: false },
];

function fetchedOf(columns: HubColumn[], more: Partial<HubFetched> = {}): HubFetched {
  return { name: "some/table", revision: COMMIT, configuration: "default", licence: "mit", bytes: 1200, splits: SPLITS, columns, uses: ["hub_table"], ...more };
}

test.each([
  ["scikit-learn/iris", true],
  [" some/table \n", true],
  ["https://example.org/datasets/some/table/viewer?x=1", true],
  ["iris", false],
  ["some/../x", false],
  ["http://somewhere/x", false],
  ["a b/c", false],
  ["", false],
])("%j is a name: %s", (text, yes) => expect(isName(tidied(text))).toBe(yes));

test("the address of a page gives its name", () => expect(tidied("https://example.org/datasets/some/table/tree/main")).toBe("some/table"));

test("each kind of dataset takes its own columns", () => {
  const columns = [WIDTH, classes("colour", 3), column("name", "text"), column("photo", "image"), column("call", "sound"), column("parts", "unusable")];
  const taken = (op: string): string[] => columns.filter((one) => suits(op, one)).map((one) => one.name);
  expect(taken("hub_table")).toEqual(["width", "colour"]);
  expect(taken("hub_texts")).toEqual(["colour", "name"]);
  expect(taken("hub_images")).toEqual(["photo"]);
  expect(taken("hub_sounds")).toEqual(["call"]);
});

test("two to a hundred classes are learnt, and any number of a table", () => {
  expect([1, 2, 100, 101].map((count) => learnable("hub_texts", classes("c", count)))).toEqual([false, true, true, false]);
  expect(learnable("hub_table", WIDTH)).toBe(true);
  expect(learnable("hub_texts", WIDTH)).toBe(false);
  expect(learnable("hub_table", column("name", "text"))).toBe(false);
});

test("the last classes are learnt from all the rest, unless a column is called the label", () => {
  const columns = [WIDTH, classes("colour", 3), classes("grade", 3), column("name", "text"), classes("same", 1), column("nothing", "number", { missing: 100 })];
  const choice = usualChoice("hub_table", fetchedOf(columns));
  expect(choice).toEqual({ repository: "some/table", revision: COMMIT, configuration: "default", splits: ["test", "train"], inputs: ["width", "colour"], target: "grade" });
  expect(usualChoice("hub_table", fetchedOf([classes("Label", 2), ...columns])).target).toBe("Label");
  expect(usualChoice("hub_table", fetchedOf([WIDTH, column("price", "number")]))).toMatchObject({ inputs: ["width"], target: "price" });
});

test("texts are read, and few words only where there is nothing longer", () => {
  expect(usualChoice("hub_texts", fetchedOf([classes("topic", 4), column("text", "text")]))).toMatchObject({ input: "text", target: "topic" });
  expect(usualChoice("hub_texts", fetchedOf([classes("word", 40), classes("kind", 2)]))).toMatchObject({ input: "word", target: "kind" });
  expect(usualChoice("hub_images", fetchedOf([column("photo", "image"), classes("label", 2)]))).toMatchObject({ input: "photo", target: "label" });
});

const LOOK: HubLook = {
  name: "some/table",
  revision: COMMIT,
  licence: "mit",
  gated: false,
  private: false,
  configurations: [{ name: "default", splits: SPLITS }],
  configuration: "default",
  columns: [WIDTH],
  uses: ["hub_table"],
  limit: 1000,
};
const FETCH: HubFetch = { id: "0123456789ab", name: "some/table", revision: COMMIT, configuration: "default", splits: ["train"], state: "running", bytes: 0, total: 900, code: null, error: null };

/** A hub whose download says `states` one after the other; nothing waits for the clock. */
function hubOf(states: Partial<HubFetch>[] = [], more: Partial<HubApi> = {}): { hub: Hub; asked: unknown[]; arrived: string[]; notices: Notices } {
  const [asked, arrived]: [unknown[], string[]] = [[], []];
  const notices = new Notices();
  const here = fetchedOf([WIDTH]);
  const api: HubApi = {
    look: () => Promise.resolve(LOOK),
    fetch: (what) => (asked.push(what), Promise.resolve(FETCH)),
    fetches: () => Promise.resolve([]),
    fetchOf: () => Promise.resolve({ ...FETCH, ...states.shift() }),
    cancel: (id) => (asked.push(id), Promise.resolve({ ...FETCH, state: "cancelled" })),
    shelf: () => Promise.resolve([here]),
    remove: (place) => (asked.push(place), Promise.resolve()),
    ...more,
  };
  return { hub: new Hub(notices, (one) => arrived.push(one.name), api, () => Promise.resolve()), asked, arrived, notices };
}

const settled = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));

test("a look chooses one split; more are too large for this server", async () => {
  const { hub } = hubOf();
  await hub.lookAt("some/table");
  expect([hub.splits, hub.bytes, hub.tooLarge]).toEqual([["train"], 900, false]);
  hub.toggle("test");
  expect([hub.splits, hub.bytes, hub.tooLarge]).toEqual([["test", "train"], 1200, true]);
  hub.toggle("train");
  expect([hub.splits, hub.bytes, hub.tooLarge]).toEqual([["test"], 300, false]);
});

test("a download that ends well is offered and told once", async () => {
  const { hub, asked, arrived } = hubOf([{ bytes: 400 }, { bytes: 900, state: "done" }]);
  await hub.lookAt("some/table");
  await hub.bring();
  await settled();
  expect(asked).toEqual([{ name: "some/table", revision: COMMIT, configuration: "default", splits: ["train"] }]);
  expect([arrived, hub.fetch, hub.look, hub.shelf?.length]).toEqual([["some/table"], null, null, 1]);
});

test("a download that fails or is cancelled leaves the look, and says why in its place only", async () => {
  const { hub, arrived, notices } = hubOf([{ state: "failed", code: "no_space", error: "There is no room." }]);
  await hub.lookAt("some/table");
  await hub.bring();
  await settled();
  expect([hub.fault?.en, hub.fetch, hub.look?.name, arrived]).toEqual(["There is no room.", null, "some/table", []]);
  expect(hub.fault?.zh).toMatch(/\p{Script=Han}/u);
  expect(notices.list).toEqual([]);
  const cancelled = hubOf([{ state: "cancelled" }]);
  await cancelled.hub.lookAt("some/table");
  await cancelled.hub.bring();
  await settled();
  expect([cancelled.hub.fault, cancelled.hub.fetch, cancelled.arrived]).toEqual([null, null, []]);
});

test("a download that was under way when the page opened is followed", async () => {
  const { hub, arrived } = hubOf([{ state: "done" }], { fetches: () => Promise.resolve([{ ...FETCH, state: "failed" }, FETCH]) });
  await hub.open();
  await settled();
  expect(arrived).toEqual(["some/table"]);
});

test("one that nobody looks at any more changes nothing", async () => {
  const { hub, arrived } = hubOf([{ state: "done" }]);
  await hub.lookAt("some/table");
  const brought = hub.bring();
  hub.close();
  await brought;
  hub.close();
  await settled();
  expect(arrived).toEqual([]);
});

test("without a network it is known, until a look succeeds", async () => {
  const refuse = (): Promise<never> => Promise.reject(new Refused(503, "no_network", "The hub cannot be reached."));
  const answers: (() => Promise<HubLook>)[] = [refuse, () => Promise.resolve(LOOK)];
  const { hub, notices } = hubOf([], { look: () => answers.shift()!() });
  await hub.lookAt("some/table");
  expect([hub.apart, hub.fault?.en, hub.looking, notices.list]).toEqual(["no_network", "The hub cannot be reached.", false, []]);
  await hub.lookAt("some/table");
  expect([hub.apart, hub.fault, hub.look?.name]).toEqual([null, null, "some/table"]);
});

test("what is deleted is no longer looked at as being here", async () => {
  const { hub, asked } = hubOf();
  await hub.lookAt("some/table");
  await hub.remove(fetchedOf([]));
  expect([asked.length, hub.look]).toEqual([1, null]);
});

test("each language says everything in its own script", () => {
  expect(Object.keys(HUB.zh)).toEqual(Object.keys(HUB.en));
  for (const [language, words] of Object.entries(HUB)) {
    for (const [key, value] of Object.entries(words)) {
      const said = typeof value === "function" ? (value as (part: string) => string)("1") : typeof value === "string" ? value : Object.values(value).join(" ");
      if (language === "zh") expect(said, key).toMatch(/\p{Script=Han}/u);
      else expect(said, key).not.toMatch(/\p{Script=Han}/u);
    }
  }
});
