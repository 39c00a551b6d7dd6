export { CallLanes } from "./channel/call-lanes.ts";
export { Channel } from "./channel/channel.ts";
export type { LocalHello, PeerHello } from "./channel/channel-handshake.ts";
export type { ChannelManagerOptions } from "./channel/channel-manager.ts";
export { ChannelManager } from "./channel/channel-manager.ts";
export type { ChannelLimits } from "./channel/channel-watch.ts";
export { ConduitEvents } from "./channel/conduit-events.ts";
export type {
  ConduitCounts,
  FrameConduit,
  Lane,
  LaneAcceptor,
  LaneReceiver,
  OutgoingFrame,
} from "./channel/frame-conduit.ts";
export {
  badFrame,
  DEDUP_CLASS_MASK,
  FrameFlag,
  MAX_FRAME_BYTES,
  readFrames,
} from "./channel/frame-layout.ts";
export type { CarrierFaults, MemoryNetworkOptions } from "./channel/memory-carrier.ts";
export { MemoryCarrier, MemoryNetwork } from "./channel/memory-carrier.ts";
export type { OwnDescription } from "./gossip/own-record.ts";
export type { KeptRecord, ReadRecord, RecordReader } from "./gossip/signed-record.ts";
export { readRecord } from "./gossip/signed-record.ts";
export type { DialerState } from "./link/dialer.ts";
export type { LinkLimits } from "./link/link-layer.ts";
export type { Turn } from "./link/turn.ts";
export { clockTurn, EventLoopTurn } from "./link/turn.ts";
export type { AdmissionCheck, AdmissionRefusal } from "./membership/check-admission.ts";
export { checkAdmission, EXPIRY_TOLERANCE_MS } from "./membership/check-admission.ts";
export type { InvitationOptions } from "./membership/create-invitation.ts";
export {
  createInvitation,
  DEFAULT_INVITATION_MS,
  MAX_INVITATION_MS,
} from "./membership/create-invitation.ts";
export type { Decider, FoundedMesh, RevokeOptions } from "./membership/decisions.ts";
export { admit, appoint, foundMesh, publicKeysOf, revoke } from "./membership/decisions.ts";
export { MAX_ENTRY_BYTES } from "./membership/entry.ts";
export { MAX_ENTRIES, MAX_ENTRIES_BYTES } from "./membership/entry-set.ts";
export { Invitation, parseInvitation } from "./membership/invitation.ts";
export { MAX_NAME_CHARACTERS, requireLabel } from "./membership/label.ts";
export type { MemberRow } from "./membership/member-rows.ts";
export type { MembershipCounts, MembershipOptions } from "./membership/membership.ts";
export { Membership } from "./membership/membership.ts";
export type { Mesh, PublicKeys } from "./membership/mesh.ts";
export { meshOf } from "./membership/mesh.ts";
export type { KeptEntry, MembershipView } from "./membership-view.ts";
export type { MeshCounters } from "./mesh-counters.ts";
export { MeshNode } from "./mesh-node.ts";
export type { MeshNodeOptions } from "./mesh-node-options.ts";
export type { NeighbourView, NodeView } from "./node-view.ts";
export { BatchBuffers } from "./packet/batch-buffers.ts";
export { MAX_PAYLOAD_BYTES } from "./packet/limits.ts";
export type { CarryOptions, CarryOutcome, PacketCarrier, PacketReceiver } from "./packet-carrier.ts";
export type { MemoryTransportNetworkOptions, NetworkConditions } from "./transport/memory-transport.ts";
export { MemoryTransportNetwork } from "./transport/memory-transport.ts";
export type {
  Connection,
  ConnectionReceiver,
  ListenAddress,
  Listener,
  Transport,
} from "./transport/transport.ts";
export type { Certificate } from "./transport/websocket-listener.ts";
export type { WebSocketTransportOptions } from "./transport/websocket-transport.ts";
export { WebSocketTransport } from "./transport/websocket-transport.ts";
