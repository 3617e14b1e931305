/** The description of who is here: listed, taken out, put into rooms. */
import type { Operation } from "./operation.ts";

const JSON_TYPE = "application/json";
const SOCKETS = "/rooms/lobby/sockets";
const WHOM = {
  schema: "WhomQuery",
  text: { identity: "Whose sockets, such as key:backend." },
} as const;
const JOIN = { headers: { "content-type": JSON_TYPE }, body: '{"join":["red"],"leave":["blue"]}' };
const MOVED = {
  200: { text: "The rooms of each now.", content: { [JSON_TYPE]: "Moved" } },
} as const;
const OUT = { 200: { text: "How many were.", content: { [JSON_TYPE]: "Disconnected" } } } as const;

export const SOCKET_OPERATIONS: readonly Operation[] = [
  {
    id: "listSockets",
    method: "get",
    path: "/rooms/{room}/sockets",
    title: "List",
    text: "Who has joined, in the order of the sockets’ ids. In a room with code it takes a key.",
    scope: "presence",
    query: {
      schema: "SocketsQuery",
      text: {
        after: "The id to go on behind: next of the page before.",
        limit: "Sockets in a page, from 1; more than 1000 (`MAX_PAGE`) counts as 1000.",
        namespace: "Only sockets of this namespace.",
        identity: "Only sockets of this identity.",
      },
    },
    answers: { 200: { text: "A page.", content: { [JSON_TYPE]: "Sockets" } } },
    errors: [],
    examples: [{ title: "The lobby’s", path: SOCKETS, status: 200 }],
  },
  {
    id: "disconnectSocket",
    method: "delete",
    path: "/rooms/{room}/sockets/{id}",
    title: "Take one out",
    text: "Disconnects one socket. It is no ban: a client that connects again is let in.",
    scope: "admin",
    answers: OUT,
    errors: ["not_found"],
    examples: [{ title: "One that is not here", path: `${SOCKETS}/nobody`, status: 404 }],
  },
  {
    id: "disconnectIdentity",
    method: "delete",
    path: "/rooms/{room}/sockets",
    title: "Take all of an identity out",
    text: "Disconnects all of its sockets.",
    scope: "admin",
    query: WHOM,
    answers: OUT,
    errors: [],
    examples: [{ title: "A backend’s", path: `${SOCKETS}?identity=key:backend`, status: 200 }],
  },
  {
    id: "moveSocket",
    method: "post",
    path: "/rooms/{room}/sockets/{id}",
    title: "Put one into rooms",
    text: "Lets one socket join and leave rooms, for events that are published to them.",
    scope: "admin",
    body: { [JSON_TYPE]: "Move" },
    answers: MOVED,
    errors: ["not_found", "too_many_rooms"],
    examples: [{ title: "One that is not here", path: `${SOCKETS}/nobody`, ...JOIN, status: 404 }],
  },
  {
    id: "moveIdentity",
    method: "post",
    path: "/rooms/{room}/sockets",
    title: "Put all of an identity into rooms",
    text: "Lets all of its sockets join and leave rooms: all, or none if one would be in too many.",
    scope: "admin",
    query: WHOM,
    body: { [JSON_TYPE]: "Move" },
    answers: MOVED,
    errors: ["too_many_rooms"],
    examples: [
      { title: "A backend’s", path: `${SOCKETS}?identity=key:backend`, ...JOIN, status: 200 },
    ],
  },
];
