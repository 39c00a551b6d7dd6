import { serve } from "../../processes/serve.ts";
import { libp2pEcho } from "./libp2p-echo.ts";
import { meshEcho, meshRelay } from "./mesh-echo.ts";
import { natsEcho } from "./nats-echo.ts";
import { webSocketEcho, webSocketRelay } from "./websocket-echo.ts";

// A process that answers, or that passes on what is asked and answered. Each handler tells its address.

serve({
  mesh: meshEcho,
  meshRelay,
  websocket: webSocketEcho,
  webSocketRelay,
  nats: natsEcho,
  libp2p: libp2pEcho,
});
