import { Box, render, Text } from "ink";

const ROWS = Array.from({ length: 20 }, (_, row) => `session ${row} of some length`);

/** An Ink program comparable to the terminal UI: a header, a list and a pane with borders, and a line of keys. */
function Peer() {
  return (
    <Box flexDirection="column" height={29}>
      <Text bold>Peer laptop ● 2 nodes 1 Sessions 2 Nodes</Text>
      <Box flexGrow={1}>
        <Box borderStyle="single" width={34} flexDirection="column">
          {ROWS.map((row) => (
            <Text key={row}>{row}</Text>
          ))}
        </Box>
        <Box borderStyle="single" flexGrow={1}>
          <Text>nothing is open</Text>
        </Box>
      </Box>
      <Text dimColor>ready: n new / filter enter open</Text>
    </Box>
  );
}

render(<Peer />, { alternateScreen: true });
// Keeps it open, as a program that waits for keys is.
setInterval(() => undefined, 60_000);
