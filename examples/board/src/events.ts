/** What travels between the board and its clients, and what a note is. */

/** Numbers that clients are told with the snapshot, so that nobody has to repeat them. */
export const LIMITS = {
  notes: 200,
  text: 240,
  name: 40,
  board: { width: 2_400, height: 1_600 },
  note: { width: 208, height: 168 },
  colours: ["yellow", "green", "blue", "pink", "purple", "grey"],
} as const;

export type Limits = typeof LIMITS;
export type Colour = Limits["colours"][number];

export type Note = {
  readonly id: string;
  readonly text: string;
  /** Of its top left corner, in whole units of the board. */
  readonly x: number;
  readonly y: number;
  readonly colour: Colour;
  /** A note with a higher one lies above. */
  readonly z: number;
  /** Names the state that the note is in: the key of the change that led to it. */
  readonly version: string;
  /** The name of who changed it last. */
  readonly by: string;
};

/** A note in somebody's hand: nobody else may change it. */
export type Lock = {
  readonly note: string;
  /** Id of the holder's socket. */
  readonly socket: string;
  readonly name: string;
  /** Milliseconds for which it still holds, unless it is renewed. */
  readonly for: number;
};

export type Person = { readonly id: string; readonly name: string };

/** Why a request was refused, and the note as it stands now. */
export type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly note?: Note | undefined;
};

/** What a change is answered with: its place in the log, or why not. */
export type Answer =
  | { readonly offset: string | null; readonly duplicate: boolean }
  | { readonly error: Refusal };

/** What `hello` is answered with. */
export type Welcome = {
  /** The snapshot's place in the log: that of the event `seam`. Null if no notes were asked for. */
  readonly offset: string | null;
  readonly notes: readonly Note[] | null;
  readonly locks: readonly Lock[];
  readonly people: readonly Person[];
  readonly limits: Limits;
};

/** Every change, as the log keeps it. Folding these, from the first on, gives the board. */
export type Changes = {
  created: (event: { change: string; note: Note }) => void;
  changed: (event: { change: string; id: string; set: Partial<Omit<Note, "id">> }) => void;
  deleted: (event: { change: string; id: string; by: string }) => void;
};

type Change<T> = (change: T, answer: (answer: Answer) => void) => void;
type Place = { x: number; y: number };
/** A note, and the version of it that the change was made against. */
type Based = { id: string; base: string };

/** The types that a room in code is written with. */
export type BoardEvents = {
  ServerToClient: Changes & {
    /** Logged, for one socket: the place of its snapshot in the order of events. */
    seam: () => void;
    // What follows is ephemeral.
    came: (person: Person) => void;
    left: (id: string) => void;
    locked: (lock: Lock) => void;
    unlocked: (note: string) => void;
    cursor: (cursor: Place & { id: string }) => void;
    drag: (drag: Place & { id: string }) => void;
  };
  ClientToServer: {
    hello: (
      wanted: { notes: boolean },
      answer: (welcome: Welcome | { error: Refusal }) => void,
    ) => void;
    rename: (wanted: { name: string }, answer: (answer: Done) => void) => void;
    create: Change<Place & { id: string; text: string; colour: Colour }>;
    move: Change<Based & Place>;
    edit: Change<Based & { text?: string; colour?: Colour }>;
    stack: Change<Based & { to: "front" | "back" }>;
    delete: Change<Based>;
    undo: (answer: (answer: Answer) => void) => void;
    lock: (wanted: { id: string }, answer: (answer: Locked) => void) => void;
    unlock: (wanted: { id: string }, answer: (answer: Done) => void) => void;
    cursor: (cursor: Place) => void;
    drag: (drag: Place & { id: string }) => void;
  };
  Data: { name: string };
};

/** What a request that changes no note is answered with. */
export type Done = { readonly error?: Refusal };

/** What `lock` is answered with: for how many milliseconds the note is one's own. */
export type Locked = { readonly for: number } | { readonly error: Refusal };
