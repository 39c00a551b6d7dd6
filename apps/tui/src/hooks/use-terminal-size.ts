import { useWindowSize } from "ink";
import { useEffect } from "react";
import type { ScreenState } from "../state/screen.ts";
import type { Store } from "../state/store.ts";

/** Keeps the size in the state that of the terminal. */
export function useTerminalSize(store: Store<ScreenState>): void {
  const { columns, rows } = useWindowSize();
  useEffect(() => {
    store.update((state) =>
      state.columns === columns && state.rows === rows ? state : { ...state, columns, rows },
    );
    store.publish();
  }, [store, columns, rows]);
}
