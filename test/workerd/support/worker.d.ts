/** What `cloudflare:workers` and `cloudflare:test` hand to the tests. */
declare namespace Cloudflare {
  interface Env extends Readonly<Record<string, unknown>> {
    readonly ROOMS: DurableObjectNamespace<import("../../../src/index.ts").RoomObject>;
  }
  interface GlobalProps {
    mainModule: typeof import("../../../src/index.ts");
  }
}
