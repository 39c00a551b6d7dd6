export type { KeptEntry, MembershipView } from "./membership-view.ts";
export type { CarryOptions, CarryOutcome, PacketCarrier, PacketReceiver } from "./packet-carrier.ts";
