/**
 * The command of the embedded agent, as configurations name it. The node that starts it takes the program
 * `clawmatrix` for itself, whether or not it is on the PATH.
 */
export const DEMO_COMMAND: readonly [string, ...string[]] = ["clawmatrix", "demo-agent"];
