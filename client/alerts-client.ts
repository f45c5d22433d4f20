import {
  AlertsService,
  ApplyObjectsRequest,
  BacktestRequest,
  DeleteObjectRequest,
  ListAlertsRequest,
  ListIncidentsRequest,
  ListObjectivesRequest,
  ListObjectsRequest,
  ListReceiversRequest,
  SettleDeadLettersRequest,
  TestReceiverRequest,
  WatchAlertsRequest,
} from "#proto/alerts.ts";
import type {
  ApplyObjectsResponse,
  BacktestResult,
  DeepPartial,
  ListAlertsResponse,
  ListIncidentsResponse,
  ListObjectivesResponse,
  Object as StatedObject,
  Receiver,
  WatchAlertsResponse,
} from "#proto/alerts.ts";
import { Backoff } from "./backoff.ts";
import type { CallOptions, Calls } from "./calls.ts";
import { SidelightError } from "./sidelight-error.ts";

export interface WatchAlertsOptions extends CallOptions {
  /** Told each time that the watch was cut and is about to be taken up again. */
  readonly onCut?: ((error: SidelightError) => void) | undefined;
}

export interface BacktestOptions extends CallOptions {
  /** Told now and then how far it is, 0 to 1. */
  readonly onProgress?: ((share: number) => void) | undefined;
}

/**
 * Asks sidelight.v1.Alerts: objectives, alerts and incidents, the objects that say what they are, and who is told. What questions and
 * answers mean is said in proto/sidelight/v1/alerts.proto. Every failure is a SidelightError.
 */
export class AlertsClient {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Alerts that are pending or firing, the worst and newest first; with a range those of the past. */
  list(question: DeepPartial<ListAlertsRequest> = {}, options?: CallOptions): Promise<ListAlertsResponse> {
    return this.#calls.ask(AlertsService.listAlerts, ListAlertsRequest.create(question), options);
  }

  /** Alerts with one origin. Those that are open; with a range those of the past. */
  incidents(question: DeepPartial<ListIncidentsRequest> = {}, options?: CallOptions): Promise<ListIncidentsResponse> {
    return this.#calls.ask(AlertsService.listIncidents, ListIncidentsRequest.create(question), options);
  }

  /**
   * What is open, now and each time that it changed, until the signal is aborted. A watch that was cut takes itself up again and tells
   * what is open then. A refusal ends it, and so does failing before the first answer.
   */
  async *watch(
    question: DeepPartial<WatchAlertsRequest> = {},
    { onCut, ...options }: WatchAlertsOptions = {},
  ): AsyncGenerator<WatchAlertsResponse, void, undefined> {
    const { signal } = options;
    const request = WatchAlertsRequest.create(question);
    const backoff = new Backoff();
    let hasBegun = false;
    while (!signal?.aborted) {
      try {
        for await (const open of this.#calls.listen(AlertsService.watchAlerts, request, options)) {
          hasBegun = true;
          backoff.succeeded();
          yield open;
        }
      } catch (error) {
        if (!hasBegun || !(error instanceof SidelightError && error.isUnavailable)) throw error;
        onCut?.(error);
      }
      await backoff.wait(signal);
    }
  }

  /** Objectives with their budgets, those with the least left first. */
  objectives(
    question: DeepPartial<ListObjectivesRequest> = {},
    options?: CallOptions,
  ): Promise<ListObjectivesResponse> {
    return this.#calls.ask(AlertsService.listObjectives, ListObjectivesRequest.create(question), options);
  }

  /** The objects that are in force: SLO, Alert, Mute, Receiver, Route. */
  async objects(
    question: DeepPartial<ListObjectsRequest> = {},
    options?: CallOptions,
  ): Promise<readonly StatedObject[]> {
    return (await this.#calls.ask(AlertsService.listObjects, ListObjectsRequest.create(question), options)).objects;
  }

  /**
   * Adds objects, or replaces those of the same kind and name: all, or none where the answer has problems. With `dryRun` nothing is
   * changed.
   */
  apply(question: DeepPartial<ApplyObjectsRequest>, options?: CallOptions): Promise<ApplyObjectsResponse> {
    return this.#calls.ask(AlertsService.applyObjects, ApplyObjectsRequest.create(question), options);
  }

  async delete(question: DeepPartial<DeleteObjectRequest>, options?: CallOptions): Promise<void> {
    await this.#calls.ask(AlertsService.deleteObject, DeleteObjectRequest.create(question), options);
  }

  /** What rules would have done in the past. It takes as long as it takes; aborting the signal calls it off. */
  async backtest(
    question: DeepPartial<BacktestRequest> = {},
    { onProgress, ...options }: BacktestOptions = {},
  ): Promise<BacktestResult> {
    for await (const { event } of this.#calls.listen(
      AlertsService.backtest,
      BacktestRequest.create(question),
      options,
    )) {
      if (event?.$case === "result") return event.value;
      if (event) onProgress?.(event.value);
    }
    throw this.#calls.ended(AlertsService.backtest, options);
  }

  /** Receivers, and how what they are told fares. */
  async receivers(options?: CallOptions): Promise<readonly Receiver[]> {
    return (await this.#calls.ask(AlertsService.listReceivers, ListReceiversRequest.create(), options)).receivers;
  }

  /** Sends a notification that says that it is a test. @returns why it was not taken; empty where it was */
  async testReceiver(question: DeepPartial<TestReceiverRequest>, options?: CallOptions): Promise<string> {
    return (await this.#calls.ask(AlertsService.testReceiver, TestReceiverRequest.create(question), options)).error;
  }

  /** Tries again what a receiver was not told, or drops it. @returns how many */
  async settle(question: DeepPartial<SettleDeadLettersRequest>, options?: CallOptions): Promise<number> {
    const request = SettleDeadLettersRequest.create(question);
    return (await this.#calls.ask(AlertsService.settleDeadLetters, request, options)).settled;
  }
}
