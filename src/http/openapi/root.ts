/** The description of what belongs to no room. */
import type { Operation } from "./operation.ts";

export const ROOT_OPERATIONS: readonly Operation[] = [
  {
    id: "health",
    method: "get",
    path: "/healthz",
    title: "Health",
    text: "Is the relay there? Asks no room.",
    scope: null,
    unlimited: true,
    answers: { 200: { text: "It is.", content: { "application/json": "Health" } } },
    errors: [],
    examples: [{ title: "Try it", path: "/healthz", status: 200 }],
  },
  {
    id: "openapi",
    method: "get",
    path: "/openapi.json",
    title: "Description",
    text: "This interface as an OpenAPI 3.1 document.",
    scope: null,
    answers: { 200: { text: "The document.", content: { "application/json": null } } },
    errors: [],
    examples: [{ title: "Try it", path: "/openapi.json", status: 200 }],
  },
  {
    id: "docs",
    method: "get",
    path: "/docs",
    title: "This page",
    text: "The same description, for people.",
    scope: null,
    answers: { 200: { text: "The page.", content: { "text/html": null } } },
    errors: [],
    examples: [{ title: "Try it", path: "/docs", status: 200 }],
  },
];
