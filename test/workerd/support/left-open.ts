/** Clients of the running test that nobody has closed. */

export const leftOpen = new Set<{ leave(): void | Promise<void> }>();
