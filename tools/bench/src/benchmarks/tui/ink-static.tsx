import { Box, render, Static, Text, useInput } from "ink";
import { useEffect, useState } from "react";
import { keepAdding, LINES_BEFORE, LOADED, lineOf } from "./updates.ts";

/** How often Ink is told of new lines, in milliseconds: as often as the terminal UI draws. */
const FRAME_MS = 33;

/** Lines of the beginning that are written at once: all of them together would be one picture of 100,000 rows. */
const LINES_AT_ONCE = 500;

/** The same text in Ink's own way: lines that are finished are written once, and a prompt is kept below them. */
function Peer() {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [typed, setTyped] = useState("");
  useInput((input, key) => setTyped((text) => (key.ctrl ? "" : text + input)));
  useEffect(() => {
    let written = 0;
    let due = LINES_BEFORE;
    const timer = setInterval(() => {
      const most = written < LINES_BEFORE ? Math.min(due, written + LINES_AT_ONCE) : due;
      const more = Array.from({ length: most - written }, (_, at) => lineOf(written + at));
      const loaded = written < LINES_BEFORE && most === LINES_BEFORE;
      written = most;
      setLines((before) => [...before, ...more]);
      if (!loaded) return;
      process.stdout.write(LOADED);
      keepAdding((added) => {
        due += added;
      });
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Box flexDirection="column">
      <Static items={[...lines]}>{(line, index) => <Text key={index}>{line}</Text>}</Static>
      <Text>› {typed}</Text>
    </Box>
  );
}

render(<Peer />);
