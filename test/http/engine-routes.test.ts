/** Engine.IO requests whose room can't be had. */
import { expect, it, vi } from "vitest";
import { readConfig } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";
import type { RoomStub } from "../../src/http/room-stub.ts";

it.each(["/rooms/lobby/socket.io/", "/socket.io/"])(
  "ENG-2 a room that does not answer is something that passes: %s",
  async (path) => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const fetch = () => Promise.reject(new Error("overloaded"));
    const app = createApp({
      path: "/socket.io/",
      config: () => readConfig({ ANONYMOUS: "write" }),
      room: () => ({ fetch }) as Partial<RoomStub> as RoomStub,
    });
    const answer = await app.request(`${path}?EIO=4&transport=polling`, {}, {} as Env);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.json()).toMatchObject({ code: "unavailable" });
    expect(said.mock.calls.join()).toContain("room_unavailable");
    said.mockRestore();
  },
);
