/** The kind of the update that is waited for: what an agent says to a prompt, and not what it tells of its session. */
export const FIRST_UPDATE = "agent_message_chunk";
/** Understood by the scripted model; the embedded agent repeats it. */
export const PROMPT = "say hello";
