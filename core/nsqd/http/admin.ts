import type { HttpResponse } from "../../host.ts";
import { isValidName } from "../../protocol/names.ts";
import type { ChannelAdmin, TopicAdmin } from "../admin.ts";
import { failure, nothing } from "./answer.ts";
import type { NsqdHttpContext } from "./context.ts";
import type { RoutedRequest } from "./router.ts";

/** The /topic/… and /channel/… actions, with the order of checks of nsqd-http §2. */
export class AdminRoutes {
  private readonly context: NsqdHttpContext;

  constructor(context: NsqdHttpContext) {
    this.context = context;
  }

  createTopic({ query }: RoutedRequest): HttpResponse {
    if (query === null) return failure(400, "INVALID_REQUEST");
    const name = query.get("topic");
    if (name === undefined) return failure(400, "MISSING_ARG_TOPIC");
    if (!isValidName(name)) return failure(400, "INVALID_TOPIC");
    this.context.admin.createTopic(name);
    return nothing();
  }

  deleteTopic(request: RoutedRequest): HttpResponse {
    const topic = this.topic(request);
    if ("status" in topic) return topic;
    this.context.admin.deleteTopic(topic.name);
    return nothing();
  }

  emptyTopic(request: RoutedRequest): HttpResponse {
    const name = request.query?.get("topic");
    if (name !== undefined && !isValidName(name)) return failure(400, "INVALID_TOPIC");
    const topic = this.topic(request);
    if ("status" in topic) return topic;
    topic.empty();
    return nothing();
  }

  /** Pauses or unpauses; the answer is given when nsqd.dat says so too. */
  pauseTopic(request: RoutedRequest, paused: boolean, reply: (response: HttpResponse) => void): void {
    const topic = this.topic(request);
    if ("status" in topic) return reply(topic);
    topic.setPaused(paused);
    return this.context.metadata.save(() => reply(nothing()));
  }

  createChannel(request: RoutedRequest): HttpResponse {
    const found = this.topicAndChannelName(request);
    if ("status" in found) return found;
    found.topic.createChannel(found.name);
    return nothing();
  }

  deleteChannel(request: RoutedRequest): HttpResponse {
    const found = this.topicAndChannelName(request);
    if ("status" in found) return found;
    return found.topic.deleteChannel(found.name) ? nothing() : failure(404, "CHANNEL_NOT_FOUND");
  }

  emptyChannel(request: RoutedRequest): HttpResponse {
    const channel = this.channel(request);
    if ("status" in channel) return channel;
    channel.empty();
    return nothing();
  }

  /** As {@link pauseTopic}. */
  pauseChannel(request: RoutedRequest, paused: boolean, reply: (response: HttpResponse) => void): void {
    const channel = this.channel(request);
    if ("status" in channel) return reply(channel);
    channel.setPaused(paused);
    return this.context.metadata.save(() => reply(nothing()));
  }

  private topic({ query }: RoutedRequest): TopicAdmin | HttpResponse {
    if (query === null) return failure(400, "INVALID_REQUEST");
    const name = query.get("topic");
    if (name === undefined) return failure(400, "MISSING_ARG_TOPIC");
    return this.context.admin.topic(name) ?? failure(404, "TOPIC_NOT_FOUND");
  }

  private topicAndChannelName({ query }: RoutedRequest): { topic: TopicAdmin; name: string } | HttpResponse {
    if (query === null) return failure(400, "INVALID_REQUEST");
    const topicName = query.get("topic");
    if (topicName === undefined) return failure(400, "MISSING_ARG_TOPIC");
    if (!isValidName(topicName)) return failure(400, "INVALID_ARG_TOPIC");
    const name = query.get("channel");
    if (name === undefined) return failure(400, "MISSING_ARG_CHANNEL");
    if (!isValidName(name)) return failure(400, "INVALID_ARG_CHANNEL");
    const topic = this.context.admin.topic(topicName);
    return topic === undefined ? failure(404, "TOPIC_NOT_FOUND") : { topic, name };
  }

  private channel(request: RoutedRequest): ChannelAdmin | HttpResponse {
    const found = this.topicAndChannelName(request);
    if ("status" in found) return found;
    return found.topic.channel(found.name) ?? failure(404, "CHANNEL_NOT_FOUND");
  }
}
