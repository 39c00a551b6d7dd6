/** The prompt after which the embedded agent writes as fast as it can. */
export const PACE = "option pace instant";
/** The kind of the updates that are counted. */
export const CHUNK = "agent_message_chunk";
