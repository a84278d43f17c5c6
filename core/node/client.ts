/**
 * NSQ for applications: a producer and a consumer over TCP, with promises and async iteration, behaving as go-nsq does.
 *
 * @packageDocumentation
 */
export { ConfigError } from "../client/config.ts";
export { ClientError, type ClientErrorCode } from "../client/error.ts";
export type { ConsumerStats } from "../client/consumer.ts";
export type { RequeueOptions } from "../client/message.ts";
export type { ClientOptions, ClientSettings, TlsOptions } from "./client/options.ts";
export { type Body, createProducer, type Producer, type ProducerOptions, PublishError } from "./client/producer.ts";
export { type Consumer, type ConsumerOptions, createConsumer, type Handler } from "./client/consumer.ts";
export { ConsumerError, type ConsumerErrorKind } from "./client/error.ts";
export type { Message } from "./client/message.ts";
export type { LogSink } from "./log.ts";
