// Lists from asynchronous sources, and the other way round.

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export async function* oneByOne<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}
