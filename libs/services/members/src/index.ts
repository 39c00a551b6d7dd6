export { REQUEST_WINDOW_MS, REQUESTS_PER_ADDRESS } from "./address-quota.ts";
export { DENIAL_MS } from "./admission-desk.ts";
export type { MembersServiceOptions } from "./members-service.ts";
export { MembersService } from "./members-service.ts";
export type { OtherNodes } from "./mesh-denials.ts";
export { MAX_PENDING, PENDING_LINGER_MS } from "./pending-requests.ts";
export type { AdmissionAnswer, AdmissionOutcome, AdmissionRequestOptions } from "./request-admission.ts";
export { requestAdmission } from "./request-admission.ts";
