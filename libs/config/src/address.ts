/** A host and a port, as in `127.0.0.1:19000` or `[::1]:19000`. */
export interface HostPort {
  /** Host name or IP address, without brackets. */
  readonly host: string;
  /** 0 (any free port) to 65535. */
  readonly port: number;
}
