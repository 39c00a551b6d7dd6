import { expect, test } from "vitest";
import { geometricMean, median, middleHalf, quantile } from "./statistics.ts";

test("the median is the middle value, or lies between the two middle ones", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 2, 4, 100])).toBe(3);
});

test("quantiles lie between neighbours in proportion", () => {
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(middleHalf([1, 2, 3, 4, 5])).toEqual([2, 4]);
  expect(median([])).toBeNaN();
});

test("the geometric mean of a ratio and its inverse is 1", () => {
  expect(geometricMean([4, 0.25])).toBeCloseTo(1);
  expect(geometricMean([2, 8])).toBeCloseTo(4);
});
