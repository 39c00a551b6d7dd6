import { networkInterfaces } from "node:os";
import type { MeshConfiguration } from "@clawmatrix/config";
import type { ListenAddress } from "@clawmatrix/mesh";
import type { MeshStack } from "./mesh-stack.ts";

/** Addresses of a node that are named at most: an invitation is one line. */
const MAX_ADDRESSES = 8;

/** Where peers can dial a node: what is advertised, else where it listens; a wildcard stands for the machine's own addresses. */
export function ownAddresses(
  { advertise, tls }: MeshConfiguration,
  listen: ListenAddress | undefined,
): string[] {
  if (advertise.length > 0) return [...advertise];
  if (listen === undefined) return [];
  const hosts =
    listen.host === "0.0.0.0" || listen.host === "::" ? machineAddresses(listen.host) : [listen.host];
  return hosts
    .slice(0, MAX_ADDRESSES)
    .map(
      (host) =>
        `${tls === undefined ? "ws" : "wss"}://${host.includes(":") ? `[${host}]` : host}:${listen.port}`,
    );
}

/** Where the relays that this node has links with can be dialled: how a node behind NAT can invite. */
export function relayAddresses({ node }: MeshStack): string[] {
  const neighbours = new Set(node.neighbours().flatMap(({ id, isFellow }) => (isFellow ? [id] : [])));
  return node
    .nodes()
    .filter(({ id, record }) => neighbours.has(id) && record.relays)
    .flatMap(({ record }) => record.addresses)
    .slice(0, MAX_ADDRESSES);
}

function machineAddresses(wildcard: string): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const fitting = all.filter(
    ({ family, scopeid }) => (wildcard === "::" || family === "IPv4") && (scopeid ?? 0) === 0,
  );
  const outside = fitting.filter(({ internal }) => !internal);
  return (outside.length > 0 ? outside : fitting).map(({ address }) => address);
}
