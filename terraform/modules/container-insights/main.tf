resource "aws_ecs_cluster" "this" {
  name = "${var.name_prefix}-cluster"

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }

  configuration {
    execute_command_configuration {
      kms_key_id = var.kms_key_arn
      logging    = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
      }
    }
  }

  # Container Insights would make its group itself, without key and end.
  depends_on = [aws_cloudwatch_log_group.performance]
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE"]
}

resource "aws_cloudwatch_log_group" "exec" {
  name              = "/aws/ecs/${var.name_prefix}-cluster/exec"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-ECS.html
resource "aws_cloudwatch_log_group" "performance" {
  name              = "/aws/ecs/containerinsights/${var.name_prefix}-cluster/performance"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}
