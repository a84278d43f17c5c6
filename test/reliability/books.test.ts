import { describe, expect, test } from "vitest";
import { Books } from "./books.ts";

describe("the books", () => {
  test("are in order when everything comes once", () => {
    const books = new Books();
    books.accepted = 2;
    for (const number of [1, 0]) {
      books.receive(number, 1, 7);
      books.finish(number, 7);
    }
    expect(books).toMatchObject({ received: 2, repeated: 0, finished: 2, faults: [] });
    expect(books.missing()).toBe(0);
  });

  test("miss what was accepted and did not come", () => {
    const books = new Books();
    books.accepted = 2;
    books.receive(1, 1, 7);
    books.finish(1, 7);
    expect(books.missing()).toBe(1);
  });

  test("excuse a repetition by a lost connection, and by nothing else", () => {
    const books = new Books();
    books.receive(0, 1, 7);
    books.finish(0, 7);
    books.lose(7);
    books.receive(0, 2, 8);
    expect(books.faults).toEqual([]);
    books.receive(0, 3, 9);
    expect(books.faults).toEqual(["0 is with two consumers"]);
    books.finish(0, 9);
    books.receive(0, 4, 9);
    expect(books.faults[1]).toBe("0 comes again after its FIN");
    expect(books.repeated).toBe(3);
  });

  test("want the attempts counted", () => {
    const books = new Books();
    books.receive(0, 2, 7);
    books.lose(7);
    books.receive(0, 1, 8);
    expect(books.faults).toEqual([
      "0 comes the first time with 2 attempts",
      "0 comes again as if it were the first time",
    ]);
  });
});
