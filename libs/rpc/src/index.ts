/*
 * The signatures that services, client and runtime build on:
 *
 *   createClient(service, dialer, { clock, random, clientId?, lateAnswers? }): ClientOf<typeof service>
 *   new ServiceRegistry().serve(service, implementation)              implementation: Partial<ServerOf<typeof service>>
 *   new CallServer({ registry, self, clock, random, logger, isMember, isOperator, authorize, executedCalls? })
 *     .attachPeer(conduit, nodeId)                    serves the calls of another node, over a channel
 *     .attachClient(conduit)                          serves those of a local client itself (tests; nodes use CallRouter)
 *   new CallRouter({ server, channels, self, clock, logger }).attachClient(conduit)    a local client of a node
 *   new StreamConduit(duplex, { role: "client" | "server", clock, logger })            frames over a byte stream
 *   overConduit(conduit, target?), overChannel(channels, node)                         dialers for createClient
 */
export type { CallDialer, CallPath, Channels } from "./call-dialer.ts";
export { overChannel, overConduit } from "./call-dialer.ts";
export type { ClientOf, ServerOf } from "./service-types.ts";
