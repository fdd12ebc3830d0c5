// The public door. Whoever comes in by it is a server: it has a helper process, which our own commands have
// not.
import { workInHelper } from './helper/for-server.js';

export type { DaemonChoice } from './backends/daemon.js';
export type { BackendChoice } from './backends/profile.js';
export { type Diagnosis, type DoctorOptions, doctor } from './doctor/doctor.js';
export type { Finding, FindingCode, Weight } from './doctor/finding.js';
export type { EndedProcess } from './end/end-members.js';
export type { AgentExit } from './end/end-report.js';
export type { Remaining } from './end/remaining.js';
export { QwRunError, type QwRunErrorCode } from './errors.js';
export type { IsolationChoice } from './isolate/isolation.js';
export type { SessionState } from './judge/judge.js';
export type { Duration, Size, Survivors } from './options.js';
export type { Lately, ListOptions, SessionInfo, SessionList } from './reap/list-sessions.js';
export { reap } from './reap/pass.js';
export type { ReapOptions } from './reap/reap-options.js';
export type { PressureStep, Progress, ReapReport, Removed } from './reap/reap-report.js';
export { type RemoveOptions, removeSession } from './reap/remove-session.js';
export type { RemoveReport } from './reap/remove-sessions.js';
export { listSessions } from './reap/shared-list.js';
export { type Reaper, type ReaperOptions, startReaper } from './reap/start-reaper.js';
export type { ReceiptOptions } from './receipt/read-receipts.js';
export type { PassReceipt, Receipt, ReceiptBy, SessionReceipt } from './receipt/receipt.js';
export type { Failure } from './remove/failure.js';
export { openSession } from './run/open-session.js';
export { readReceipts } from './run/receipts.js';
export { type AgentRun, type RunAgentOptions, type RunResult, runAgent } from './run/run-agent.js';
export { type Profile, type ProfileOptions, profile } from './session/agent-profile.js';
export type { Pressure } from './session/pressure.js';
export type { CommandOptions, EndOptions, EndReport, Invocation, Session } from './session/session.js';
export type { OpenSessionOptions } from './session/settings.js';
export type { Space } from './space/watermarks.js';
export type { SweptUnit } from './sweep/find-stale.js';
export type { Largest } from './tree/largest.js';
export type { KeptWork } from './work/kept-work.js';
export type { TempRepository, WorkKind } from './work/work.js';

workInHelper();
