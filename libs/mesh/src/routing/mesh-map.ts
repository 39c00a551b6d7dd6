import type { NodeId } from "@clawmatrix/identity";

/** A node as routing sees it. */
export interface MapNode {
  /** Whether paths may lead through it. */
  readonly relays: boolean;
  /** What it says its links cost, in µs, by neighbour. */
  readonly links: ReadonlyMap<NodeId, number>;
}

/** A node on the map: one that is described, or that others only say they have a link with. */
export interface Place {
  readonly node: NodeId;
  isDescribed: boolean;
  relays: boolean;
  /** Its ends of its links, by the place at the other end. */
  readonly ends: Map<Place, LinkEnd>;
  /** How many other places say that they have a link with it. */
  mentions: number;
}

export interface LinkEnd {
  readonly to: Place;
  costUs: number;
  /** What the node at the other end says of the same link; undefined: nothing. */
  back: LinkEnd | undefined;
}

/**
 * Who says to have a link with whom, ready to be walked: each end of a link knows the place that it leads to and the
 * other end, so that finding paths looks nothing up. As large as the records are that it is made of.
 */
export class MeshMap {
  readonly #places = new Map<NodeId, Place>();
  #described = 0;

  /** Nodes that are described. */
  get size(): number {
    return this.#described;
  }

  get(node: NodeId): Place | undefined {
    return this.#places.get(node);
  }

  /** Describes a node; undefined: no more. False: that is what was known. */
  set(node: NodeId, description: MapNode | undefined): boolean {
    const place = this.#places.get(node) ?? this.#add(node);
    const isSame = description === undefined ? !place.isDescribed : isLike(place, description);
    if (!isSame) {
      this.#described += (description === undefined ? 0 : 1) - (place.isDescribed ? 1 : 0);
      place.isDescribed = description !== undefined;
      place.relays = description?.relays ?? false;
      this.#setLinks(place, description?.links ?? new Map());
    }
    this.#dropUnknown(place);
    return !isSame;
  }

  #add(node: NodeId): Place {
    const place: Place = { node, isDescribed: false, relays: false, ends: new Map(), mentions: 0 };
    this.#places.set(node, place);
    return place;
  }

  #setLinks(place: Place, links: ReadonlyMap<NodeId, number>): void {
    for (const [to, end] of place.ends) {
      if (links.has(to.node)) continue;
      place.ends.delete(to);
      to.mentions--;
      if (end.back !== undefined) end.back.back = undefined;
      this.#dropUnknown(to);
    }
    for (const [node, costUs] of links) {
      const to = this.#places.get(node) ?? this.#add(node);
      const known = place.ends.get(to);
      if (known !== undefined) {
        known.costUs = costUs;
        continue;
      }
      const end: LinkEnd = { to, costUs, back: to.ends.get(place) };
      place.ends.set(to, end);
      to.mentions++;
      if (end.back !== undefined) end.back.back = end;
    }
  }

  #dropUnknown(place: Place): void {
    if (!place.isDescribed && place.mentions === 0) this.#places.delete(place.node);
  }
}

function isLike(place: Place, { relays, links }: MapNode): boolean {
  if (!place.isDescribed || place.relays !== relays || place.ends.size !== links.size) return false;
  for (const [to, { costUs }] of place.ends) if (links.get(to.node) !== costUs) return false;
  return true;
}
