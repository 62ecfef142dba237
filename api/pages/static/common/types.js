// The shapes of the service's JSON, for readers and for the type checker. docs/reference/http-api.md explains the fields.

/**
 * The body of a submission.
 *
 * @typedef {object} Submission
 * @property {string} script
 * @property {"main" | "program"} mode
 * @property {Record<string, any>} [inputs] In mode `main` only.
 * @property {string[]} [argv] In mode `program` only.
 * @property {string} [stdin]
 * @property {string} [environment]
 * @property {{path: string, content: string, encoding?: "utf-8" | "base64"}[]} [files]
 * @property {string[]} [artifacts]
 * @property {{timeout?: number, cpu?: number, memory_mb?: number, processes?: number}} [limits]
 */

/**
 * @typedef {object} JobError
 * @property {string} type
 * @property {string} message
 * @property {number | null} [line]
 * @property {string | null} [traceback]
 */

/**
 * @typedef {object} Artifact
 * @property {string} path
 * @property {string} media_type
 * @property {number} size
 * @property {string | null} sha256
 * @property {true} [dropped]
 */

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {"queued" | "running" | "succeeded" | "failed" | "cancelled"} status
 * @property {Record<string, any> | null} result
 * @property {string | null} stdout
 * @property {string | null} stderr
 * @property {{stdout: boolean, stderr: boolean}} truncated
 * @property {JobError | null} error
 * @property {{wall_ms: number | null, cpu_ms: number | null, memory_peak_bytes: number | null, queued_ms: number | null}} usage
 * @property {number | null} exit_code
 * @property {Artifact[]} artifacts
 * @property {boolean} artifacts_truncated
 * @property {string} environment
 * @property {"nsjail" | "restricted" | null} sandbox
 * @property {{timeout: number, cpu: number, memory_mb: number, processes: number}} limits
 * @property {string} created_at
 * @property {string | null} started_at
 * @property {string | null} finished_at
 */

/**
 * Durations in milliseconds, null if no job ended.
 *
 * @typedef {{mean_ms: number | null, p50_ms: number | null, p95_ms: number | null}} Durations
 */

/**
 * What happened in about a minute. The rates are jobs in a second.
 *
 * @typedef {object} QueueInterval
 * @property {string} start_at
 * @property {string} end_at
 * @property {number} submitted
 * @property {number} finished
 * @property {number} failed
 * @property {Durations} waits
 * @property {Durations} runs
 * @property {number} queued
 * @property {number} running
 */

/**
 * @typedef {object} QueueWorker
 * @property {string} id
 * @property {string} sandbox
 * @property {string} detail
 * @property {string[]} environments
 * @property {string | null} version
 * @property {string | null} python
 * @property {number | null} jobs_at_once
 * @property {string | null} started_at
 * @property {string} seen_at
 * @property {boolean} gone
 */

/**
 * A job without its outcome.
 *
 * @typedef {object} JobSummary
 * @property {string} id
 * @property {Job["status"]} status
 * @property {string | null} error_type
 * @property {Submission["mode"]} mode
 * @property {string} environment
 * @property {string} created_at
 * @property {number | null} queued_ms
 * @property {number | null} run_ms
 */

/**
 * The numbers of the queue page.
 *
 * @typedef {object} Queue
 * @property {string} at
 * @property {{priority: "high" | "normal" | "low", interactive: boolean, jobs: number}[]} queued
 * @property {number} running
 * @property {QueueWorker[]} workers
 * @property {QueueInterval[]} intervals
 * @property {{submitted: number, succeeded: number, failed: number, cancelled: number, failures: Record<string, number>}} totals
 * @property {JobSummary[]} jobs
 */

/**
 * A server-sent event.
 *
 * @typedef {object} ServerEvent
 * @property {string} event
 * @property {string} id
 * @property {any} data The JSON value of its data.
 */

export {};
