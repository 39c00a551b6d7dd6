import { shown } from "./endpoint-address.ts";

/** Why no connection came to be, and what to do about it. */
export function describeNetworkError(url: URL, error: unknown): string {
  const code = codeOf(error);
  const at = shown(url);
  if (code === "ECONNREFUSED")
    return `nothing listens at ${url.host} (ECONNREFUSED): start the endpoint there, or correct \`url\` of the agent in the configuration`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return `the host ${url.hostname} is not known here (${code}): look at the network, or correct \`url\` of the agent in the configuration`;
  if (/^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS_CERT)/.test(code))
    return `the certificate of ${url.host} is not trusted (${code}): correct \`url\`, or start the node with NODE_EXTRA_CA_CERTS naming the authority's PEM file`;
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO")
    return `${url.host} does not speak TLS (${code}): write http:// in \`url\` of the agent`;
  if (code === "ECONNRESET" || code.startsWith("HPE_"))
    return `${at} ended the connection without an answer (${code}): is it an HTTP endpoint, and does it speak ${url.protocol}//?`;
  return `${at} cannot be reached${code === "" ? "" : ` (${code})`}: look at the network, or correct \`url\` of the agent in the configuration`;
}

/** Node tries several addresses of a host at once, and then has an error for each. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
