import { Holds } from "./holds.js";
import { Model } from "./model.js";
import { randomId } from "./random.js";
import { Seam } from "./seam.js";

/** @import { io as Io, Socket } from "socket.io-client" */
/** @import { Answer, Limits, Note, Refusal, Welcome } from "../../src/events.ts" */
/** @import { LoggedChange } from "./fold.js" */
/** @import { Wanted } from "./model.js" */

/** What the log tells of a board, and the event that is a snapshot's place. */
const LOGGED = ["created", "changed", "deleted", "seam"];
/** What passes without a trace. */
const PASSING = ["cursor", "drag"];

/**
 * One board as a client sees it. It says what happened by events of its own: `notes`, `people`,
 * `locks`, `state`, `refused` (with `detail`), and `cursor` and `drag` as they come.
 */
export class BoardClient extends EventTarget {
  model = new Model();
  /** Names by id of their sockets. @type {Map<string, string>} */
  people = new Map();
  locks = new Holds(() => this.#tell("locks"));
  /** @type {Limits | null} */
  limits = null;
  /** Why the room does not let this client in. */
  problem = "";
  name;
  /** @type {Socket} */
  socket;
  /** @type {Seam<{ name: string, event: LoggedChange }, readonly Note[]>} */
  #seam = new Seam();
  /** The newest hello: older ones' answers don't count. */
  #hello = 0;

  /**
   * @param {typeof Io} io socket.io-client's: Node and browsers have their own copies of it
   * @param {string} origin
   * @param {{ board: string, clientId: string, name: string }} who `clientId` is a secret that this
   *   person keeps: it makes retries and undo theirs, also over a page load
   * @param {object} [options] more options of socket.io-client's
   */
  constructor(io, origin, { board, clientId, name }, options = {}) {
    super();
    this.name = name;
    this.socket = io(origin, {
      path: `/rooms/${board}/socket.io`,
      forceNew: true,
      // Each request is sent again, with the same key, until the room has answered it.
      retries: Number.POSITIVE_INFINITY,
      ackTimeout: 5_000,
      auth: (/** @type {(auth: object) => void} */ give) => give({ clientId, name: this.name }),
      ...options,
    });
    this.#listen();
  }

  get connected() {
    return this.socket.connected;
  }

  /** Is the board there, and all that happened since? */
  get inStep() {
    return this.connected && !this.#seam.waiting;
  }

  close() {
    this.locks.clear();
    this.socket.disconnect();
  }

  // --- What the room is asked for ---------------------------------------------------------------

  /** @param {Pick<Note, "text" | "x" | "y" | "colour">} note @returns the note's id */
  create(note) {
    const id = randomId();
    void this.change("create", { id, ...note });
    return id;
  }

  /**
   * Asks for a change of a note.
   * @param {string} name of the request: `move`, `edit`, `stack` or `delete`
   * @param {string} id
   * @param {Wanted} [wanted] with the version that it was
   *   made against, if that isn't the one that is shown now
   */
  async onNote(name, id, wanted = {}) {
    const base = wanted.base ?? this.model.get(id)?.version;
    return base && (await this.change(name, { ...wanted, id, base }));
  }

  undo() {
    return this.change("undo");
  }

  /** @param {string} name @param {Wanted} [wanted] @returns {Promise<Answer>} */
  async change(name, wanted) {
    const key = randomId();
    this.model.begin({ key, name, wanted: wanted ?? {} });
    this.#tell("notes");
    const answer = await this.#ask(name, wanted ? [wanted] : [], key);
    this.model.end(key);
    this.#tell("notes");
    if ("error" in answer) this.#tell("refused", { name, wanted, ...answer.error });
    return answer;
  }

  /** @param {string} name */
  async rename(name) {
    this.name = name;
    const { error } = await this.#ask("rename", [{ name }]);
    if (error) this.#tell("refused", { name: "rename", ...error });
    else if (this.socket.id) this.people.set(this.socket.id, name);
    this.#tell("people");
  }

  /** Takes a note into one's hand, or holds it for longer. @param {string} id */
  async lock(id) {
    const answer = await this.#ask("lock", [{ id }]);
    if (answer.error) this.#tell("refused", { name: "lock", wanted: { id }, ...answer.error });
    return answer;
  }

  /** @param {string} id */
  unlock(id) {
    return this.#ask("unlock", [{ id }]);
  }

  /** @param {"cursor" | "drag"} name @param {{ x: number, y: number, id?: string }} where */
  pass(name, where) {
    this.socket.volatile.emit(name, where);
  }

  /** @param {string} name @param {unknown[]} args */
  #ask(name, args, idempotencyKey = randomId()) {
    return this.socket.emitWithAck(name, ...args, { idempotencyKey });
  }

  // --- What the room tells -----------------------------------------------------------------------

  #listen() {
    const { socket } = this;
    for (const name of LOGGED) {
      socket.on(name, (...args) => {
        const offset = args.pop();
        this.#take(this.#seam.event({ name, event: args[0] }, offset));
      });
    }
    for (const name of PASSING) socket.on(name, (where) => this.#tell(name, where));
    socket.on("came", ({ id, name }) => this.#tell("people", this.people.set(id, name)));
    socket.on("left", (id) => this.#tell("people", this.people.delete(id)));
    socket.on("locked", (lock) => this.locks.add(lock));
    socket.on("unlocked", (note) => this.locks.end(note));
    socket.on("connect", () => {
      this.problem = "";
      // One that has not recovered may have missed something: it begins anew.
      if (!socket.recovered) this.#seam.wait();
      void this.#greet();
    });
    socket.on("roomlog:gap", () => {
      this.#seam.wait();
      void this.#greet();
    });
    socket.on("disconnect", () => this.#tell("state"));
    socket.on("connect_error", ({ message, data }) => {
      this.problem = data ? message : "";
      this.#tell("state");
    });
  }

  /** Asks who is there and who holds what, and for the notes where they are not known. */
  async #greet() {
    const hello = ++this.#hello;
    this.#tell("state");
    /** @type {Welcome} */
    const welcome = await this.#ask("hello", [{ notes: this.#seam.waiting }]);
    if (hello !== this.#hello) return;
    const { offset, notes, people, locks, limits } = welcome;
    this.limits = limits;
    this.people = new Map(people.map(({ id, name }) => [id, name]));
    this.locks.reset(locks);
    if (offset && notes) this.#take(this.#seam.snapshot({ offset, notes }));
    for (const what of ["people", "locks", "state"]) this.#tell(what);
  }

  /** @param {{ notes?: readonly Note[], events: { name: string, event: LoggedChange }[] }} found */
  #take({ notes, events }) {
    if (notes) this.model.reset(notes);
    for (const { name, event } of events) this.model.fold(name, event);
    if (notes || events.length > 0) this.#tell("notes");
    if (notes) this.#tell("state");
  }

  /** @param {string} what @param {unknown} [detail] */
  #tell(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }
}
