import { CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

// Pass the Function, Version or Alias that has onFailure, retryAttempts or configureAsyncInvoke.
export function retainEventInvokeConfig(fn: IConstruct): void {
  const config = fn.node.findChild('EventInvokeConfig').node.defaultChild as CfnResource;
  config.applyRemovalPolicy(RemovalPolicy.RETAIN);
}
