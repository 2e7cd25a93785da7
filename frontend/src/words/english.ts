// What the page says in English. Its type is the list of all texts: one that is missing in Chinese is a type error.
import type { JobState } from "../api/types.ts";
import type { Scene } from "../state/views.ts";

const states: Record<JobState, string> = {
  queued: "Queued",
  starting: "Starting",
  running: "Training",
  paused: "Paused",
  stopping: "Stopping",
  completed: "Completed",
  stopped: "Stopped",
  failed: "Failed",
  interrupted: "Interrupted",
};

const scenes: Record<Scene, string> = {
  plane: "Plane",
  paint: "Paint",
  fit: "Truth and estimate",
  examples: "Examples",
  draw: "Draw",
  confusion: "Confusion",
};

export const english = {
  name: "Neural Playground",
  loading: "Loading the playground…",
  unexpected: "Something on this page went wrong. Reload it; your experiment is kept in the address.",
  unreachable: "The server does not answer. What you set is kept here; this page tries again by itself.",
  retry: "Try again",
  refusals: {
    unauthorised: "You are not signed in",
    forbidden: "This is not allowed",
    not_found: "There is no such thing",
    conflict: "This does not go with the present state",
    too_large: "This is too large",
    invalid: "This value does not fit",
    unavailable: "This cannot be done now",
    too_slow: "This took too long",
    fetch_failed: "The download failed",
    internal: "The server met an error",
    other: "The server refused",
  },
  linkDamaged: "This link is damaged, so the page opened with its usual experiment.",
  linkCopied: "Link copied. It holds the whole experiment.",
  linkInAddress: "The address of this page now holds the whole experiment: copy it from there.",
  jobGone: "The job in this link is no longer on this server.",
  suited: "Network and training were changed to suit the new data. Undo brings yours back.",

  // landmarks
  toolbar: "Training and tools",
  data: "Data",
  network: "Network",
  result: "Result",
  jobs: "Jobs",

  // transport
  preset: "Experiment",
  ownExperiment: "Your experiment",
  presetBad: "goes wrong",
  play: "Play",
  pause: "Pause",
  resume: "Go on",
  stepBatch: "One batch",
  stepEpoch: "One epoch",
  stepMore: "Step size",
  reset: "Reset: back to the untrained network, same first weights",
  newWeights: "New weights: other random first weights",
  speed: "Speed",
  speeds: { slow: "Slow", normal: "Normal", full: "Full" },
  epoch: "epoch",
  counter: (steps: string, rate: string | null) => (rate ? `epoch · ${steps} steps · ${rate}/s` : `epoch · ${steps} steps`),
  slots: (busy: number, slots: number) => `${busy} of ${slots} in use`,
  slotsHelp: (running: number, queued: number) => `${running} jobs running, ${queued} waiting on this server`,
  queuePlace: (place: number) => `Queued: no. ${place} in line`,
  undo: "Undo",
  redo: "Redo",
  share: "Copy link",
  export: "Export",
  exportExperiment: "Experiment (JSON)",
  exportExperimentHelp: "All settings; opens again here or over the API",
  exportPytorch: "PyTorch script",
  exportPytorchHelp: "One readable file that repeats this training",
  exportWeights: "Weights",
  exportWeightsHelp: "Of the last checkpoint, as safetensors",
  exportNeedsJob: "Press Play first",
  import: "Open an experiment file",
  importHelp: "A JSON file exported here",
  importFailed: "This file is no experiment of the playground.",
  switchLanguage: "中文",
  switchLanguageHelp: "Switch to Chinese",
  toDark: "Dark theme",
  toLight: "Light theme",
  help: "Keyboard shortcuts",
  blocked: (reason: string) => `Cannot train yet: ${reason}`,
  blockedByData: "the data has to be fetched first",

  // state of the job
  states,
  announce: (state: string, epoch: string) => `${state}, epoch ${epoch}`,
  untrained: "Untrained",
  restartingSoon: "Starting the changed experiment",
  finishedReason: (state: string, reason: string) => `${state}: ${reason}`,

  // data panel
  modalities: { points: "Points", table: "Tables", image: "Images" },
  modality: "Kind of data",
  datasets: "Datasets",
  split: (training: string, validation: string) => `${training} + ${validation} for validation`,
  splitHelp: "Examples the network learns from, and examples it is only tested on",
  settings: "Settings",
  training: "Training",
  preparation: "What the network gets",
  notHere: "Not on this machine",
  download: "Fetch",
  downloading: (done: string, total: string) => `${done} of ${total}`,
  licence: (licence: string) => `Licence: ${licence}`,
  source: (name: string) => `Source: ${name}`,

  // network panel
  lookFor: "What to look for",
  closeHint: "Hide",
  parameters: (count: string) => `${count} weights`,
  operations: (count: string) => `${count} multiplications an example`,
  inspectorHint: "Select a layer to change it; + adds one.",
  inspector: "Selected layer",
  outdatedAlive: "The training that is running still uses the settings from before your change.",
  outdatedDone: "You see the result from before your change.",
  runChanged: "Run the changed experiment",
  revert: "Take the change back",

  // result panel
  scene: "Large picture",
  scenes,
  hoveredUnit: (label: string) => `Shown: ${label}`,
  unitName: (layer: string, unit: number) => `${layer}, unit ${unit}`,
  trainingSet: "Training",
  validationSet: "Validation",
  loss: "loss",
  accuracy: "accuracy",
  r2: "R²",
  mae: "mean absolute error",
  metric: "Curve",
  metrics: { loss: "Loss", accuracy: "Accuracy", r2: "R²", mae: "Error" },
  noCurves: "Press Play: the curves of training and validation grow here.",
  noPicture: "The picture appears as soon as the network stands.",
  drawHint: "Draw here. Press Play and watch the answer change while the network learns.",
  drawWaiting: "The answer comes with the first checkpoint.",
  drawNow: (label: string, percent: string) => `${label}, ${percent} sure`,
  findings: "Findings",
  findingTitles: {
    overfitting: "Overfitting",
    underfitting: "Underfitting",
    diverged: "Diverged",
    dead_units: "Dead units",
    plateau: "Standing still",
    solved: "Solved",
  },

  // jobs
  jobsHelp: "Running and past jobs. Mark two or more to compare them.",
  noJobs: "No jobs yet. Press Play.",
  open: "Open",
  stop: "Stop",
  delete: "Delete",
  compare: (name: string) => `Compare ${name}`,
  comparison: "Comparison on the validation set",
  setting: "Setting",
  noDifference: "These jobs have the same settings.",
  more: (count: number) => `and ${count} more`,
  none: "–",

  // help
  shortcuts: {
    space: "Play or pause",
    dot: "Train one batch",
    comma: "Train one epoch",
    r: "Reset",
    n: "New weights",
    undo: "Undo",
    redo: "Redo",
    delete: "Remove the selected layer",
    escape: "Deselect",
    j: "Jobs",
    l: "Switch language",
    d: "Switch theme",
    question: "This list",
  },
  keys: { space: "Space", delete: "Delete", escape: "Esc" },
};

type Said<T> = T extends (...parameters: infer Parameters) => string
  ? (...parameters: Parameters) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Said<T[Key]> };

export type Texts = Said<typeof english>;
