/** What a handshake message does, in the words of the Noise specification. */
export type Token = "e" | "s" | "ee" | "es" | "se" | "psk";

export interface HandshakePattern {
  /** The whole protocol name; it is hashed into the handshake. */
  readonly protocolName: string;
  /** The tokens of each message, the initiator's first. */
  readonly messages: readonly (readonly Token[])[];
  /** Whether a secret that both know beforehand is mixed in. */
  readonly needsPsk: boolean;
}

/** Both sides show their static keys, encrypted; nothing is known beforehand. */
export const NOISE_XX: HandshakePattern = {
  protocolName: "Noise_XX_25519_ChaChaPoly_SHA256",
  messages: [["e"], ["e", "ee", "s", "es"], ["s", "se"]],
  needsPsk: false,
};

/** The same, and the third message opens only to those who know the psk. */
export const NOISE_XX_PSK3: HandshakePattern = {
  protocolName: "Noise_XXpsk3_25519_ChaChaPoly_SHA256",
  messages: [["e"], ["e", "ee", "s", "es"], ["s", "se", "psk"]],
  needsPsk: true,
};
