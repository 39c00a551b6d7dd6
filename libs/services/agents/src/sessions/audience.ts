import { StatusCode, StatusError, type WatcherInit } from "@clawmatrix/protocol";

/** Somebody who follows a session or acts in it. */
export interface Participant {
  /** Canonical text. */
  readonly nodeId: string;
  /** Which client of the node; may be empty. */
  readonly clientId: string;
  /** May type, answer and stop. */
  readonly control: boolean;
  /** As events and lists show it. */
  readonly watcher: WatcherInit;
}

/** Streams of one session that may be open at once: watchers and prompts. */
export const MAX_FOLLOWERS = 64;

/** Who follows a session live. One client with several streams of one kind counts once. */
export class Audience {
  readonly #followers = new Map<string, { readonly participant: Participant; streams: number }>();
  #streams = 0;

  /**
   * From now on this one follows; the function that it gives ends that. `onChange` hears when who is there has changed.
   * @throws StatusError RESOURCE_EXHAUSTED if too many follow already.
   */
  follow(participant: Participant, onChange: () => void): () => void {
    if (this.#streams >= MAX_FOLLOWERS) {
      const message = `${MAX_FOLLOWERS} clients follow this session already`;
      throw new StatusError(StatusCode.RESOURCE_EXHAUSTED, message, { reason: "too-many-watchers" });
    }
    if (this.#join(participant)) onChange();
    let following = true;
    return () => {
      if (!following) return;
      following = false;
      if (this.#leave(participant)) onChange();
    };
  }

  get streams(): number {
    return this.#streams;
  }

  get watchers(): WatcherInit[] {
    return [...this.#followers.values()].map(({ participant }) => participant.watcher);
  }

  /** True if who is there has changed. */
  #join(participant: Participant): boolean {
    this.#streams++;
    const key = keyOf(participant);
    const known = this.#followers.get(key);
    if (known !== undefined) known.streams++;
    else this.#followers.set(key, { participant, streams: 1 });
    return known === undefined;
  }

  #leave(participant: Participant): boolean {
    const key = keyOf(participant);
    const known = this.#followers.get(key);
    if (known === undefined) return false;
    this.#streams--;
    if (--known.streams > 0) return false;
    return this.#followers.delete(key);
  }
}

function keyOf({ nodeId, clientId, control }: Participant): string {
  return `${nodeId} ${control ? "control" : "watch"} ${clientId}`;
}
