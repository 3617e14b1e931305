// 4.0 has types, but its package.json does not let a bundler's resolution find them.
declare module "socket.io-client-4.0" {
  export const io: unknown;
}
