/** Ids of one kind begin alike: both ends are kept, so that two of them can be told apart. `obp_test…00005r`. */
export function shortId(id: string): string {
  return id.length <= 18 ? id : `${id.slice(0, 8)}…${id.slice(-7)}`;
}
