import { createContext, useContext } from "react";
import type { Painter } from "../look/tones.ts";

const PaintContext = createContext<Painter>((line) => line.map(({ text }) => text).join(""));

export const PaintProvider = PaintContext.Provider;

/** The painter of this terminal. */
export function usePainter(): Painter {
  return useContext(PaintContext);
}
